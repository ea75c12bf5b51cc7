// Compares the JSON Schema with `resolveConfig`. What one accepts the other accepts, except for problems that need more
// than the structure of a configuration: each kind of those is in BEYOND_STRUCTURE with its reason.

import { Ajv, type ValidateFunction } from 'ajv'
import { createConfigSchema } from '../../cli/schema/config-schema.ts'

let schema: ReturnType<typeof createConfigSchema> | undefined
let validate: ValidateFunction | undefined

export const configSchema = () => (schema ??= createConfigSchema())

/** The errors of the schema; empty: the configuration has the right structure. */
export function schemaErrors(config: unknown): string[] {
  if (validate === undefined) {
    const ajv = new Ajv({ strict: true, allowUnionTypes: true })
    ajv.addKeyword('deprecationMessage')
    validate = ajv.compile(configSchema())
  }
  return validate(config)
    ? []
    : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** Problems with which the rest of the configuration cannot be compared. */
const NOT_COMPARED: readonly RegExp[] = [
  /: is undefined; give it a value/, // JSON has no undefined
  /: overrides an issuer that is not configured/, // its other problems are those of an issuer that is incomplete
]

/** Problems that the schema does not find, by the reason. Every other problem is one of structure. */
const BEYOND_STRUCTURE: Readonly<Record<string, readonly RegExp[]>> = {
  'the environment is not in the file': [
    /: needs the environment variable /,
    /: names [^ ]+, which is /,
    /: cannot be read here; this edge reads/,
    /: (?:needs one to be chosen|has no stage|has no authorizer|is missing, and) .*\(?LANEKEEPER_(?:STAGE|AUTHORIZER)/,
    /: has a "\$\{env:/,
  ],
  'a string is a URL, or a part of one': [
    /: is not an absolute URL/,
    /: names no host: /,
    /: has the port /,
    /: must use https /,
    /: must be https, or http on loopback/,
    /: must not carry a user name or password/,
    /: must not have a (?:fragment|query)/,
    /: must be printable ASCII without spaces/,
    /: must be an origin without path and query/,
    /: has ".*"; (?:browsers send|write the origin alone)/,
    /: is "\*" in a list/,
    /: has a path that /,
    /\.baseUrl: must not have a query or end with "\/"/,
  ],
  'a string has a form of its own': [
    /: must be named with /,
    /: must look like "x-name-"/,
    /: must be the name of a (?:table|region)/,
    /: must be a path without parameters/,
    /: must be an origin, as in /,
    /: must be 1 to 64 /,
    /: must be the name of a query parameter/,
    /^mtls\.issuerSki: must have identifiers in hexadecimal/,
    /^aws\.caches\[\d+\]\.\w+: must be the (?:id of an API|name of a (?:stage|region))/,
    /: has ".*"; (?:list every method|write each method|write "|a method is written)/,
    /: has ".*", which (?:has a space|begins or ends|is no scope-token|cannot stand in acr_values|is no header name)/,
    /: is ".*", which (?:is no header name|has another meaning)/,
    /: has a "\*"; write the name of that member/,
    /\.path: (?:must begin with|has a brace|has a greedy|has a segment|escapes what|can never match)/,
    /: (?:cannot be \w+, which is no tenant|has ".*", which is not an identifier of a tenant)/,
    /: must end with .*, as the iss of every access token/,
    /: (?:cannot be|is called) [\w-]+(?:, which|:| now)/,
  ],
  'evidence of a profile is judged as a whole': [
    /: could match an ID token of the same issuer/,
    /: needs evidence that names the kind/,
  ],
  'a key is more than its members': [/: cannot be used: /, /: is the kid of an earlier key/],
  'two settings are compared': [
    /: must be at least refreshSeconds/,
    /: needs (?:the section revocation|a store: )/,
    /: is no issuer; configured: /,
    /: must not be the credential of revoke/,
    /: is the same as /,
    /: is the issuer itself, /,
    /: has ".*", which says nothing about this API/,
    /: is in the audience of no issuer/,
    /: has the (?:path|host) of an earlier /,
    /: covers .* (?:covers already|where the Worker (?:serves|takes))/,
    /: must be \["GET"\] for \$connect/,
    /: is a name (?:of the identity|that every identity carries|that proxies and frameworks write)/,
    /\.(?:header|name): is in (?:origin\.keepHeaders|cors\.headers)/,
    /: is the name of the signed assertion/,
    /: is ".*", which is never removed/,
    /: cannot be kept with publicUrls/,
    /: is called \w+ now, which is configured, too/,
    /: does not go with (?:a shared secret|tenants)/,
    /: needs (?:public )?keys, which verify/,
    /: is missing; (?:metadata below this issuer|where issuer has a|an issuer with a)/,
    /: has no use; issuer has no /,
    /: is for opaque tokens, and this issuer has neither/,
    /\.introspection\.clientId: must be the client_id /, // unless authentication is bearer
    /\.check\.secret: is missing; /, // for some providers
    /: can be replace only with origin\.assertion/,
    /\.resultTtlSeconds: must be 0(?:,| where) /,
    /^(?:dpop|mtls): has no effect: /,
    /^mtls\.issuerSki: (?:goes with trust|cannot be checked of a certificate in a header field)/,
    /^mtls\.header\.(?:name|guard\.header): is also /,
    /\.senderConstraint: is ".*", and no issuer of the route accepts all of these tokens/,
    /\.replay: is about DPoP proofs, and the route accepts no token that is bound to a DPoP key/,
    /^publicUrls: (?:is missing; a DPoP proof names|has only URLs with a path)/,
    /: is a name that the identity of a bound token has/,
    /\.userinfo: cannot be asked about bound tokens/,
    /\.(?:__proto__|toString|valueOf): is a name that no member can have/,
    /: is not where .* has scopes/,
  ],
}

/** Why the schema and `resolveConfig` disagree about a configuration with these problems; `null`: they agree. */
export function findDisagreement(config: unknown, problems: readonly string[]): string | null {
  if (problems.some((problem) => NOT_COMPARED.some((pattern) => pattern.test(problem)))) return null
  const errors = schemaErrors(config)
  if (errors.length > 0)
    return problems.length > 0 ? null : `resolveConfig accepts what the schema refuses: ${errors.join('; ')}`
  const exempt = Object.values(BEYOND_STRUCTURE).flat()
  const structural = problems.find((problem) => !exempt.some((pattern) => pattern.test(problem)))
  return structural === undefined ? null : `the schema accepts what resolveConfig refuses: ${structural}`
}

/** Throws unless the schema accepts a configuration that `resolveConfig` accepts. */
export function demandAccepted(config: unknown): void {
  const disagreement = findDisagreement(config, [])
  if (disagreement !== null) throw new Error(disagreement)
}
