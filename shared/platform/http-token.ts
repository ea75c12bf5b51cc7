// Names in HTTP: of header fields and authentication schemes. RFC 9110 sections 5.1, 5.6.2 and 11.1.

/** The `token` at the beginning of a string; empty where it has none. */
export const leadingToken = (text: string): string => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*/.exec(text)![0]

/** Whether a string is a `token`. */
export const isHttpToken = (text: string): boolean => text !== '' && leadingToken(text) === text
