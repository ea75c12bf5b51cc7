// The issuer that a person has named, as its metadata states it. It is read once, within the bounds of an edge: https (or
// http to this machine), no redirects, bounded in size and time. What it says is foreign text: an issuer is taken only in
// the form of one, and only if the metadata at its own address states it, or metadata at the same host.
// OpenID Connect Discovery 1.0 sections 3 and 4; RFC 8414 sections 2 and 3.

import {
  isSecureUrl,
  metadataUrl,
  readIssuerMetadata,
  type IssuerMetadata,
  type MetadataDocument,
  type MetadataFault,
  PROFILES,
} from '../../shared/compiler.ts'
import type { CommandIo } from '../command.ts'
import type { Answers } from './answers.ts'

/** `keys` of the entry that init writes. */
export interface KeysByMetadata {
  readonly discovery: MetadataDocument
  readonly url?: string
  readonly metadataIssuer?: string
}

export interface FoundIssuer {
  /** The exact `iss`; if nothing confirms it, what was typed, with the ending of every `iss` of the profile. */
  readonly issuer: string
  /** Where the metadata was read. `null`: it was not, and the issuer is unconfirmed. */
  readonly metadataUrl: string | null
  readonly keys: KeysByMetadata
  /** Of the usable keys. `null`: they were not read. */
  readonly algorithms: readonly string[] | null
  /** What a person should know, in sentences. */
  readonly warnings: readonly string[]
}

const TIMEOUT_MS = 3_000

const WELL_KNOWN = /\/\.well-known\/(openid-configuration|oauth-authorization-server)(?=\/|$)/

/** RFC 3986 section 2, without what begins a query, a fragment or a placeholder. */
const ISSUER_FORM = /^https?:\/\/[\w\-.~:/[\]@!'()*+,;=%]{1,2000}$/

/** What is wrong with an issuer as it was typed. `null`: it may be fetched. */
export function findIssuerProblem(typed: string): string | null {
  if (!URL.canParse(typed)) return 'is a URL, as in https://login.example.com'
  const url = new URL(typed)
  if (!isSecureUrl(url)) return 'begins with https:// (http only for this machine)'
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    return 'has no query, no fragment and no password'
  return ISSUER_FORM.test(typed) ? null : 'has a character that no issuer has'
}

/** The issuer that was typed, where that is the address of its metadata, which may have the issuer's path behind it. */
const withoutWellKnown = (typed: string): string => typed.replace(WELL_KNOWN, '')

/** AD FS, named by the `iss` of its access tokens or that of its ID tokens: the latter, which its metadata has. */
const adfsMetadataIssuer = (issuer: string): string =>
  issuer.replace(/\/services\/trust\/?$/, '').replace(/\/$/, '')

/** The issuer whose metadata is looked for. */
function askedIssuer({ issuer: typed, provider: { profile } }: Answers): string {
  const issuer = withoutWellKnown(typed)
  if (profile === 'adfs') return adfsMetadataIssuer(issuer)
  const isTenant = profile === 'entra-v2' && /^\/[^/]+\/?$/.test(new URL(issuer).pathname)
  return isTenant ? `${issuer.replace(/\/$/, '')}/v2.0` : issuer
}

/** AD FS as it is set up by default: its `iss` of access tokens, and the metadata that names another one. */
function adfsIssuer(issuer: string): Pick<FoundIssuer, 'issuer' | 'keys'> {
  const metadataIssuer = adfsMetadataIssuer(issuer)
  return {
    issuer: `${metadataIssuer.replace(/^https:/, 'http:')}/services/trust`,
    keys: {
      discovery: 'openid-configuration',
      url: metadataUrl(metadataIssuer, 'openid-configuration'),
      metadataIssuer,
    },
  }
}

/** The issuer with what is missing at its end, where every `iss` of the profile ends alike. */
function withEnding(issuer: string, { profile }: Answers['provider']): string {
  const { issuerEnding = '' }: { readonly issuerEnding?: string } = PROFILES[profile]
  const ending = issuerEnding.replace(/^.*\}/, '')
  if (ending === '') return issuer
  const [base, end] = [issuer, ending].map((text) => text.replace(/\/$/, '')) as [string, string]
  return `${base.endsWith(end) ? base.slice(0, base.length - end.length) : base}${ending}`
}

function unconfirmed({ issuer: typed, provider }: Answers, why: string): FoundIssuer {
  const issuer = withoutWellKnown(typed)
  const discovery = (WELL_KNOWN.exec(typed)?.[1] ?? 'openid-configuration') as MetadataDocument
  return {
    ...(provider.profile === 'adfs'
      ? adfsIssuer(issuer)
      : { issuer: withEnding(issuer, provider), keys: { discovery } }),
    metadataUrl: null,
    algorithms: null,
    warnings: [
      `The issuer is unconfirmed, because ${why}. Compare it with \`iss\` of an access token, character by character.`,
    ],
  }
}

export const offlineIssuer = (answers: Answers): FoundIssuer =>
  unconfirmed(answers, 'its metadata was not read (--offline)')

function describeDifference({ issuer: typed }: Answers, issuer: string): readonly string[] {
  const expected = withoutWellKnown(typed)
  const isSame = (one: string, other: string) => one.replace(/\/$/, '') === other.replace(/\/$/, '')
  if (expected === issuer || (WELL_KNOWN.test(typed) && isSame(expected, issuer))) return []
  const isElsewhere = new URL(expected).host !== new URL(issuer).host
  return [
    `The metadata says that the issuer is ${issuer}, and not ${expected}: the first is the \`iss\` of its tokens.` +
      (isElsewhere ? ' That is another host: make sure that it is your provider.' : ''),
  ]
}

/** Why an issuer that metadata states is not taken. `null`: it may be. */
function findStatedProblem(stated: string, { issuer: typed, provider }: Answers): string | null {
  if (stated.includes('{tenantid}')) return 'it is that of every tenant: name your own tenant in --issuer'
  if (!ISSUER_FORM.test(stated) || !URL.canParse(stated) || new URL(stated).username !== '')
    return 'its issuer is not in the form of one'
  // AD FS alone signs with an `iss` of http, by which nothing is fetched.
  const isHttp = new URL(stated).protocol === 'http:' && provider.profile !== 'adfs'
  return isHttp && (typed.startsWith('https:') || !isSecureUrl(new URL(stated)))
    ? 'its issuer has no https'
    : null
}

/** Of an RSA key without `alg`, RS256 alone. */
function toAlgorithms(all: readonly string[]): readonly string[] {
  const ofRsa = all.filter((algorithm) => /^[RP]S/.test(algorithm))
  return ofRsa.length < 6 ? all : ['RS256', ...all.filter((algorithm) => !ofRsa.includes(algorithm))]
}

function confirmed(metadata: IssuerMetadata, asked: string, answers: Answers): FoundIssuer {
  const { issuer, document, url, algorithms, keyProblems } = metadata
  // AD FS: the issuer of the metadata is that of ID tokens.
  const keys = metadataUrl(issuer, document) === url ? {} : { url, metadataIssuer: asked }
  return {
    issuer,
    metadataUrl: url,
    keys: { discovery: document, ...keys },
    algorithms: algorithms.length === 0 ? null : toAlgorithms(algorithms),
    warnings: [
      ...describeDifference(answers, issuer),
      ...(algorithms.length === 0
        ? [
            `No key of the issuer can be used (${keyProblems.join(', ') || 'no_keys'}), so no algorithm is known.`,
          ]
        : []),
    ],
  }
}

/** The metadata states an issuer whose own metadata is elsewhere, as that of a user flow of Azure AD B2C does. */
const atItsHost = (stated: string, fault: MetadataFault, answers: Answers): FoundIssuer => ({
  issuer: stated,
  metadataUrl: fault.url,
  keys: { discovery: 'openid-configuration', url: fault.url },
  algorithms: null,
  warnings: describeDifference(answers, stated),
})

const unusable = (answers: Answers, url: string, problem: string): FoundIssuer =>
  unconfirmed(answers, `its metadata cannot be used (${new URL(url).host}: ${problem})`)

const describeFault = ({ problem, url, status }: MetadataFault): string =>
  `${url}: ${problem}${status === undefined ? '' : ` (status ${status})`}`

/** Never throws for what the issuer answers: an issuer that cannot be read is unconfirmed. */
export async function findIssuer(answers: Answers, io: CommandIo): Promise<FoundIssuer> {
  const read = (issuer: string) => {
    io.progress(`reading the metadata of ${new URL(issuer).host}`)
    return readIssuerMetadata(issuer, io.fetch, TIMEOUT_MS)
  }
  const asked = askedIssuer(answers)
  const first = await read(asked)
  const stated = 'problem' in first ? first.stated : first.issuer
  if (stated === undefined)
    return unconfirmed(answers, `its metadata cannot be read (${describeFault(first as MetadataFault)})`)
  const problem = findStatedProblem(stated, answers)
  if (problem !== null) return unusable(answers, first.url, problem)
  if (!('problem' in first)) return confirmed(first, asked, answers)

  const second = await read(stated)
  if ('problem' in second) {
    if (new URL(stated).host === new URL(asked).host) return atItsHost(stated, first, answers)
    const other = `it states another issuer, ${stated}, whose own metadata cannot be read (${describeFault(second)})`
    return unusable(answers, first.url, other)
  }
  const itsProblem = findStatedProblem(second.issuer, answers)
  return itsProblem === null ? confirmed(second, stated, answers) : unusable(answers, second.url, itsProblem)
}
