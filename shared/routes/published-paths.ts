// The paths under which an edge publishes documents about this API.

/** Prefix of the path of a resource, for its metadata. RFC 9728 section 3. */
export const RESOURCE_WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** The public keys of the assertions to the origin (RFC 7517 section 5). */
export const ASSERTION_JWKS_PATH = '/.well-known/lanekeeper/jwks.json'
