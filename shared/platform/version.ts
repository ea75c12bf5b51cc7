// The version of package.json, repeated here because a deployed bundle has no package.json. A test compares the two.

export const VERSION = '0.2.0'

/** How a warning about an old name ends: it works for one minor version. */
export const OLD_NAME_GOES = 'the old name goes away in 0.3.0'
