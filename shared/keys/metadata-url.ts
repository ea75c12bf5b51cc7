// The documents in which an issuer publishes its metadata, and where they are. OpenID Connect Discovery 1.0 section 4;
// RFC 8414 section 3.

/** The names of the documents in the configuration, which are also the last segments of their well-known paths. */
export const METADATA_DOCUMENTS = ['openid-configuration', 'oauth-authorization-server'] as const

export type MetadataDocument = (typeof METADATA_DOCUMENTS)[number]

/** Members of the metadata that are URLs. RFC 8414 section 2; OpenID Connect Discovery 1.0 section 3. */
export type MetadataMember = 'jwks_uri' | 'introspection_endpoint' | 'userinfo_endpoint'

/** Where the metadata of an issuer is. A terminating slash of the issuer is dropped before a suffix is added. */
export function metadataUrl(issuer: string, document: MetadataDocument): string {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const wellKnown = `/.well-known/${document}`
  return origin + (document === 'openid-configuration' ? path + wellKnown : wellKnown + path)
}
