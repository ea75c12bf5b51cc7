// Which parts a configuration uses, and why. `lanekeeper build` puts these into an artefact and no others.

import { keyTypeOf } from '../keys/key-types/all.ts'
import { NO_CONDITIONS } from '../policy/no-conditions.ts'
import type { ResolvedConfig, ResolvedDpop, ResolvedIssuer, ResolvedMtls } from './config.ts'
import type { OpenSetting } from './open-settings.ts'

/** A part by its name in `lanekeeper/parts/NAME`, and the setting that needs it. */
export interface UsedPart {
  readonly name: string
  readonly because: string
}

const use = (name: string, because: string): UsedPart => ({ name, because })

/** Whether an issuer has no keys, because all of its tokens are introspected. */
const isKeyless = ({ keys }: ResolvedIssuer): boolean => keys.source?.jwks?.keys.length === 0

function partsOfKeys(issuer: ResolvedIssuer): readonly UsedPart[] {
  const { name, keys } = issuer
  const at = `issuers.${name}.keys`
  if (isKeyless(issuer)) return []
  if (keys.secret !== undefined) return [use('shared-secret', `${at}.secret`)]
  const { source, algorithms } = keys
  const [member] = Object.keys(source)
  return [
    ...[...algorithms].map((algorithm) =>
      use(keyTypeOf(algorithm).kty.toLowerCase(), `issuers.${name}.algorithms has ${algorithm}`),
    ),
    use(source.jwksSecret === undefined ? 'published-keys' : 'stored-keys', `${at}.${member}`),
    ...(keys.bundledMaxAgeMs === undefined ? [] : [use('bundled-keys', `${at}.bundled`)]),
  ]
}

function partsOfReader({ name, opaque: { reader } }: ResolvedIssuer): readonly UsedPart[] {
  if (reader === null) return []
  const at = `issuers.${name}.${reader.kind}`
  if (reader.kind === 'check') return [use('check', at), use(`check-${reader.provider}`, `${at}.provider`)]
  return [
    use('introspection', at),
    ...(reader.authentication === 'private_key_jwt' ? [use('private-key-jwt', `${at}.authentication`)] : []),
    ...(reader.response === 'jwt' ? [use('signed-responses', `${at}.response`)] : []),
  ]
}

function partsOfIssuer(issuer: ResolvedIssuer): readonly UsedPart[] {
  const { name, opaque } = issuer
  return [
    ...partsOfKeys(issuer),
    ...partsOfReader(issuer),
    ...(opaque.userinfo === null ? [] : [use('userinfo', `issuers.${name}.userinfo`)]),
  ]
}

function partsOfDpop(
  { algorithms, nonce }: ResolvedDpop,
  routes: ResolvedConfig['routes'],
): readonly UsedPart[] {
  const strong = routes.findIndex(({ replay }) => replay === 'strong')
  return [
    use('dpop', 'senderConstraint'),
    ...[...algorithms].map((algorithm) =>
      use(keyTypeOf(algorithm).kty.toLowerCase(), `dpop.algorithms has ${algorithm}`),
    ),
    ...(nonce === null ? [] : [use('dpop-nonces', 'dpop.nonce')]),
    ...(strong === -1 ? [] : [use('dpop-replays', `routes[${strong}].replay`)]),
  ]
}

const partsOfMtls = ({ header }: ResolvedMtls): readonly UsedPart[] => [
  use('mtls', 'senderConstraint'),
  ...(header === null ? [] : [use('mtls-header', 'mtls.header')]),
]

/** The part that fills the open settings. Each of the three fills what the one before it fills. */
function slotsPart(open: readonly OpenSetting[], hasResources: boolean): string {
  const isOpen = (section: string) => open.some(({ path }) => path.startsWith(section))
  const hasIssuers = isOpen('issuers.')
  if (isOpen('resources[') || (hasIssuers && hasResources)) return 'resource-slots'
  return hasIssuers ? 'issuer-slots' : 'slots'
}

/** The parts of the core, in a fixed order. `open`: the settings that have slots. */
export function partsOf(
  { issuers, resources, routes, log, dpop, mtls }: ResolvedConfig,
  open: readonly OpenSetting[] = [],
): readonly UsedPart[] {
  const used = [...issuers.values()].flatMap(partsOfIssuer)
  if (resources.length > 0) used.push(use('resources', 'resources'))
  if (dpop) used.push(...partsOfDpop(dpop, routes))
  if (mtls) used.push(...partsOfMtls(mtls))
  const conditional = routes.findIndex(({ conditions }) => conditions !== NO_CONDITIONS)
  if (conditional !== -1) used.push(use('conditions', `routes[${conditional}]`))
  if (log.fingerprintKey !== null) used.push(use('fingerprint-key', 'log.fingerprintKey'))
  if (open.length > 0)
    used.push(use(slotsPart(open, resources.length > 0), open.map(({ path }) => path).join(', ')))
  return used
}
