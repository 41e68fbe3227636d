import { expect, test } from 'vitest'
import { fromDevServer, previewCookie, toDevServer } from './preview-headers.ts'

const own = 'ab12.localhost:4600'

test('[RL-6] a dev server gets none of Coppice’s cookies and tokens, and thinks that it is asked at home', () => {
  const passed = toDevServer(
    {
      host: own,
      connection: 'keep-alive',
      cookie: 'coppice-12.session_token=secret; theme=dark; coppice_preview=x; __Secure-coppice-12.session_token=s',
      authorization: 'Bearer coppice_api_secret',
      origin: `http://${own}`,
      referer: `http://${own}/page?x=1`,
      accept: '*/*',
    },
    own,
    5173,
  )
  expect(passed).toEqual({
    host: 'localhost:5173',
    cookie: 'theme=dark',
    origin: 'http://localhost:5173',
    referer: 'http://localhost:5173/page?x=1',
    accept: '*/*',
    'x-forwarded-host': own,
  })
  expect(toDevServer({ origin: 'http://other', authorization: 'Basic a' }, own, 1)).toMatchObject({
    origin: 'http://other',
    authorization: 'Basic a',
  })
})

test('[RL-6] a dev server sets none of Coppice’s cookies, and decides nothing for the whole host', () => {
  const headers = {
    'set-cookie': ['coppice-12.session_token=evil; Path=/', 'sid=1; HttpOnly', '__Host-coppice=1'],
    'strict-transport-security': 'max-age=1',
    'clear-site-data': '"*"',
    location: 'http://localhost:5173/next?a=1',
    'content-type': 'text/html',
  }
  expect(fromDevServer(headers, 5173)).toEqual({
    'set-cookie': ['sid=1; HttpOnly'],
    location: '/next?a=1',
    'content-type': 'text/html',
  })
  expect(fromDevServer({ location: 'http://127.0.0.1:5173' }, 5173)).toEqual({ location: '/' })
  expect(fromDevServer({ location: 'https://example.com/' }, 5173)).toEqual({ location: 'https://example.com/' })
})

test('the preview’s cookie is found among others', () => {
  expect(previewCookie('a=1; coppice_preview=token; b=2')).toBe('token')
  expect(previewCookie('xcoppice_preview=token')).toBeUndefined()
  expect(previewCookie(undefined)).toBeUndefined()
})
