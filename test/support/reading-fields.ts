// The step for a certificate in a header field, as if a request had other fields than it has.

import type { AuthorizationRequest } from '../../shared/index.ts'
import { STEPS, type Steps } from '../../shared/steps.ts'

type Values = readonly string[]

/** `change`: from the values of the guard and of the field to others. */
export const readingFields = (
  change: (guard: Values, field: Values) => readonly [guard: Values, field: Values],
): Partial<Steps> => ({
  createHeaderCertificate: (header, ports) => {
    const read = STEPS.createHeaderCertificate(header, ports)
    return (context) => {
      const fields: AuthorizationRequest['fields'] & {} = context.request.fields ?? {}
      const [name, guardName] = [header.name, header.guard.header]
      const [guard, field] = change(fields[guardName] ?? [], fields[name] ?? [])
      const changed = { ...context.request, fields: { ...fields, [guardName]: guard, [name]: field } }
      return read({ ...context, request: changed })
    }
  },
})
