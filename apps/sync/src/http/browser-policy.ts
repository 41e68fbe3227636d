import { secureHeaders } from 'hono/secure-headers'

/**
 * What a page of this server may do in the browser. Scripts come from this server only and nothing is evaluated;
 * WebAssembly is allowed because the replica's database is made of it. Nobody may put us in a frame.
 */
export const browserPolicy = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
    workerSrc: ["'self'"],
    connectSrc: ["'self'"],
    styleSrc: ["'self'"],
    // Attributes only: the virtual list sets positions. A style element from a message stays forbidden.
    styleSrcAttr: ["'unsafe-inline'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    fontSrc: ["'self'"],
    mediaSrc: ["'self'", 'blob:'],
    manifestSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'same-origin',
  // The server itself speaks plain HTTP; whoever puts TLS in front decides this.
  strictTransportSecurity: false,
})
