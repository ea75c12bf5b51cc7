// The settings of the lookup methods (introspection/lookup-method.ts). A method is a file in this folder, and a line in
// each list here.

import { below, type Rows } from '../meaning.ts'
import { introspectionMeanings, type ResolvedIntrospection } from './introspection.ts'
import { checkMeanings, type ResolvedCheck } from './provider-check.ts'

/** By the member of an issuer that configures it. */
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
