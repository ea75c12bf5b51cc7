// From the configuration as written to the one of a stage: what the stage overrides, and values that the
// deployment's environment supplies. Routes are the same in every stage.

import { bagAt, isBag, isText, list, type Bag, type Report } from './checks.ts'

/** Replaces `${env:NAME}` in every string below `value`. */
export function substitute(value: unknown, env: Bag, path: string, report: Report): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => {
      const found = env[name]
      if (isText(found)) return found
      report(path, `needs the environment variable ${name}, which is not set`)
      return whole
    })
  }
  if (Array.isArray(value))
    return value.map((item, index) => substitute(item, env, `${path}[${index}]`, report))
  if (!isBag(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      substitute(item, env, path === '' ? name : `${path}.${name}`, report),
    ]),
  )
}

/** Lays the stage over the configuration: issuers member by member, origin and aws whole. */
export function applyStage(config: Bag, stage: string | undefined, report: Report): Bag {
  const { stages: stagesGiven, ...base } = config
  const stages = stagesGiven === undefined ? {} : bagAt(stagesGiven, 'stages', report)
  for (const [name, overrides] of Object.entries(stages)) {
    bagAt(overrides, `stages.${name}`, report, ['issuers', 'origin', 'aws'])
  }
  if (stage === undefined || stage === '') return base
  if (!Object.hasOwn(stages, stage)) {
    report(
      'stages',
      `has no stage "${stage}" (LANEKEEPER_STAGE); it has: ${list(Object.keys(stages)) || 'none'}`,
    )
    return base
  }
  const { issuers: overrides, ...rest } = isBag(stages[stage]) ? stages[stage] : {}
  if (overrides === undefined) return { ...base, ...rest }
  const issuers = { ...(isBag(base['issuers']) ? base['issuers'] : {}) }
  for (const [name, members] of Object.entries(bagAt(overrides, `stages.${stage}.issuers`, report))) {
    if (!Object.hasOwn(issuers, name)) {
      report(
        `stages.${stage}.issuers.${name}`,
        `overrides an issuer that is not configured; there is: ${list(Object.keys(issuers))}`,
      )
    }
    issuers[name] = { ...(isBag(issuers[name]) ? issuers[name] : {}), ...(isBag(members) ? members : {}) }
  }
  return { ...base, ...rest, issuers }
}
