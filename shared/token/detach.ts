// Strings that are cached for longer than a request.

/** A copy of the string in memory of its own. A substring keeps the whole longer string in memory. */
export const detach = (text: string): string => ` ${text}`.slice(1)
