// Settings that may be open when a configuration is built: `${env:NAME}` whose variable is missing then and supplied when
// the edge starts. The value of every other setting decides which code an artefact has, so a build needs it.

import type { SlotContent } from '../plan/slots.ts'
import { isJsonObject, type JsonObject } from '../token/strict-json.ts'
import type { AddProblem } from '../plan/values/checks.ts'

/** `NAME`: of an issuer. `[]`: a place in a list. */
export const OPEN_SETTINGS = [
  'issuers.NAME.issuer',
  'issuers.NAME.audience',
  'issuers.NAME.audience[]',
  'issuers.NAME.clients[]',
  'issuers.NAME.tenants[]',
  'issuers.NAME.keyIssuer',
  'issuers.NAME.keys.url',
  'issuers.NAME.keys.metadataIssuer',
  'issuers.NAME.keys.jwks_uri',
  'issuers.NAME.introspection.endpoint',
  'issuers.NAME.introspection.clientId',
  'issuers.NAME.introspection.clients[]',
  'issuers.NAME.check.clientId',
  'issuers.NAME.check.clientId[]',
  'issuers.NAME.check.baseUrl',
  'issuers.NAME.userinfo.endpoint',
  'resources[].identifier',
  'resources[].name',
  'resources[].documentation',
  'origin.url',
  'origin.assertion.issuer',
  'origin.assertion.audience',
  'publicUrls[]',
] as const

/** Settings whose problems the value of an open setting may remove: the same one, or another. */
const REMOVED_BY: readonly (readonly [setting: RegExp, open: string])[] = [
  [/^issuers\.[^.]+\.(?:issuer|tenants)$/, '$&'],
  [/^(issuers\.[^.]+)\.(?:tenants|keyIssuer|keys\.url)$/, '$1.issuer'],
  [/^(issuers\.[^.]+)\.keys\.url$/, '$1.keys.metadataIssuer'],
  [/^(?:origin\.url|resources\[\d+\]\.identifier)$/, '$&'],
  [/^origin\.assertion\.audience$/, 'origin.url'],
]

const settingAt = (path: string): string =>
  path.replace(/^issuers\.[^.]+/, 'issuers.NAME').replace(/\[\d+\]/g, '[]')

/** A setting that is open, and a variable that it needs. */
export interface OpenSetting {
  readonly path: string
  readonly variable: string
}

const isAt = (path: string, at: string): boolean =>
  path === at || path.startsWith(`${at}.`) || path.startsWith(`${at}[`)

const refuseOpen = ({ path, variable }: OpenSetting, addProblem: AddProblem): void =>
  addProblem(
    path,
    `needs the environment variable ${variable} when it is built; set it or pass --env-file`,
    variable,
  )

/** What a build leaves open. */
export interface OpenSettings {
  readonly settings: readonly OpenSetting[]
  /** What the sections are derived from, all of them. */
  readonly content: SlotContent
  /** Takes a setting whose variable is missing, or adds a problem. */
  note(path: string, variable: string, addProblem: AddProblem): void
  /** Adds a problem for each open setting at or below a path. */
  refuse(path: string, addProblem: AddProblem): void
  /** Keeps what a section is derived from. */
  keep(content: SlotContent): void
  /** Whether a setting, or a setting below a section, is open. */
  isOpen(path: string): boolean
  /** The problems that no value of an open setting removes. */
  only(addProblem: AddProblem): AddProblem
}

export function createOpenSettings(): OpenSettings {
  const settings: OpenSetting[] = []
  let content: SlotContent = {}
  const isOpen = (at: string) => settings.some(({ path }) => isAt(path, at))
  return {
    settings,
    get content() {
      return content
    },
    note(path, variable, addProblem) {
      if (variable !== '' && (OPEN_SETTINGS as readonly string[]).includes(settingAt(path)))
        settings.push({ path, variable })
      else refuseOpen({ path, variable }, addProblem)
    },
    refuse(at, addProblem) {
      for (const setting of settings.filter(({ path }) => isAt(path, at))) refuseOpen(setting, addProblem)
    },
    keep(more) {
      content = { ...content, ...more }
    },
    isOpen,
    only: (addProblem) => (path, message, variable, severity) => {
      const isRemoved = REMOVED_BY.some(
        ([setting, open]) => setting.test(path) && isOpen(path.replace(setting, open)),
      )
      if (!isRemoved) addProblem(path, message, variable, severity)
    },
  }
}

/** The members of an issuer that OPEN_SETTINGS names, at their places. */
export function openMembersOf(given: JsonObject): JsonObject {
  const members: Record<string, unknown> = {}
  for (const setting of OPEN_SETTINGS) {
    const [, name = '', below] = /^issuers\.NAME\.(\w+)(?:\.(\w+))?/.exec(setting) ?? []
    const value = given[name]
    if (below === undefined && value !== undefined) members[name] = value
    if (below !== undefined && isJsonObject(value) && value[below] !== undefined)
      members[name] = { ...(members[name] as JsonObject | undefined), [below]: value[below] }
  }
  return members
}
