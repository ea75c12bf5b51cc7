// Strings that are cached for longer than a request.

/** The same string in memory of its own. A part of a longer string keeps all of the longer one in memory. */
export const detach = (text: string): string => ` ${text}`.slice(1)
