// The settings for ways to ask about a token (introspection/method.ts): a file in this folder, and a line in each list here.

import { below, type Rows } from '../meaning.ts'
import { introspectionMeanings, type ResolvedIntrospection } from './introspection.ts'
import { checkMeanings, type ResolvedCheck } from './provider-check.ts'

/** By the member of an issuer that says it. */
export interface ResolvedMethods {
  readonly introspection: ResolvedIntrospection
  readonly check: ResolvedCheck
}

export type MethodName = keyof ResolvedMethods

export const METHOD_NAMES = ['introspection', 'check'] as const satisfies readonly MethodName[]

export function methodMeanings(): Rows {
  const meanings: Readonly<Record<MethodName, Rows>> = {
    introspection: introspectionMeanings(),
    check: checkMeanings(),
  }
  return Object.assign(
    {},
    ...Object.entries(meanings).map(([name, rows]) => below(`issuers.NAME.${name}`, rows)),
  )
}
