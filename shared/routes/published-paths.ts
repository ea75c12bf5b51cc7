// The paths under which an edge publishes documents about this API.

/** Prefix of the path of a resource, for its metadata. RFC 9728 section 3. */
export const RESOURCE_WELL_KNOWN = '/.well-known/oauth-protected-resource'

/**
 * The path of the key set (RFC 7517 section 5) by which the origin verifies assertions. Only an edge with
 * `origin.assertion` publishes it.
 */
export const ASSERTION_JWKS_PATH = '/.well-known/lanekeeper/jwks.json'
