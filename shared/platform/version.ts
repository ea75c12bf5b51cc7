// The version in package.json, which a test holds this to: in the bundles that are deployed there is no package.json to read.

export const VERSION = '0.1.0'
