import { expect, test } from 'vitest'
import { described } from './description.ts'

test.each([
  ['---\nname: a\ndescription: Plain words # and a note\n---\nText', 'markdown', 'a', 'Plain words'],
  ['---\r\ndescription: "In \\"quotes\\": yes"\r\n---\r\nText', 'markdown', '', 'In "quotes": yes'],
  ["---\ndescription: 'It''s'\n---", 'skill', '', "It's"],
  ['---\nname: b\ndescription: >-\n  Over two\n  lines\nallowed-tools: x\n---\n', 'skill', 'b', 'Over two lines'],
  ['\n# A title\n\nText', 'markdown', '', 'A title'],
  ['---\nmodel: x\n---\n\nThe first line', 'markdown', '', 'The first line'],
  ['---\nname: never ends', 'markdown', '', '---'],
  ['prompt = "x"\ndescription = "From TOML"', 'toml', '', 'From TOML'],
  ['description = """\nLong\nwords"""', 'toml', '', 'Long words'],
  ['prompt = "x"', 'toml', '', ''],
] as const)('%j as %s', (text, form, name, description) => {
  expect(described(text, form)).toEqual({ name, description })
})

test('it is cut, not trusted: a line of at most 200 letters', () => {
  expect(described('x'.repeat(10_000), 'markdown').description).toHaveLength(200)
})
