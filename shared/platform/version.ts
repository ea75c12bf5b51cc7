// The version in package.json, which a test holds this to: in the bundles that are deployed there is no package.json to read.

export const VERSION = '0.2.0'

/** How a warning about an old name ends: it works for one minor version. */
export const OLD_NAME_GOES = 'the old name goes away in 0.3.0'
