// The syntax of bearer tokens (`b64token`). A compact JWS is a `b64token`, too.

/** Whether a text can be the beginning of a longer `b64token`: only its characters, and no padding. */
export const isB64TokenPrefix = (text: string): boolean => isB64Token(text) && !text.endsWith('=')

/** Whether a text is a `b64token`. RFC 6750 section 2.1; the same as `token68` of RFC 9110 section 11.2. */
export const isB64Token = (text: string): boolean => /^[A-Za-z0-9\-._~+/]+=*$/.test(text)
