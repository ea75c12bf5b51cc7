// Names in HTTP: of header fields and authentication schemes. RFC 9110 sections 5.1, 5.6.2 and 11.1.

/** The `token` that a text begins with; empty where it begins with none. */
export const leadingToken = (text: string): string => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*/.exec(text)![0]

/** Whether a text is a `token`. */
export const isHttpToken = (text: string): boolean => text !== '' && leadingToken(text) === text
