// An API that a custom domain maps: clients can still call its default endpoint, past everything that belongs to the
// domain, above all its client certificates.

import { isObject } from '../../../local/api-gateway/json.ts'
import { isSet } from '../../../local/api-gateway/emulated-properties.ts'
import { referredId, type CheckContext, type TemplateResource } from './context.ts'

const isTrue = (value: unknown): boolean => value === true || value === 'true'

/** The domain that a mapping names, by its logical id or its name. */
function domainOf({ properties }: TemplateResource, context: CheckContext): TemplateResource | undefined {
  const { DomainName } = properties
  const byId = context.resources.get(referredId(DomainName) ?? '')
  if (byId !== undefined && /DomainName(?:V2)?$/.test(byId.type)) return byId
  const name = JSON.stringify(DomainName)
  return [...context.resources.values()].find(
    ({ type, properties: { DomainName: other } }) =>
      /DomainName(?:V2)?$/.test(type) && JSON.stringify(other) === name,
  )
}

export function checkDomains(context: CheckContext): void {
  const mappings = [
    ...context.ofType('AWS::ApiGateway::BasePathMapping'),
    ...context.ofType('AWS::ApiGatewayV2::ApiMapping'),
  ]
  const apis = new Map(context.authorizers.map(({ apiId, kind }) => [apiId, kind]))
  for (const [apiId, kind] of apis) {
    const api = context.resources.get(apiId)
    const own = mappings.filter(
      ({ properties }) => referredId(properties['RestApiId'] ?? properties['ApiId']) === apiId,
    )
    if (own.length === 0 || kind === 'WebSocket' || isTrue(api?.properties['DisableExecuteApiEndpoint']))
      continue
    const find = context.findAt(`${kind} API ${apiId}`, apiId)
    const asksForCertificate = own.some((mapping) => {
      const certificates = domainOf(mapping, context)?.properties['MutualTlsAuthentication']
      return isSet(certificates) || isObject(certificates)
    })
    if (asksForCertificate)
      find(
        'problem',
        'has its default execute-api endpoint open, and its custom domain asks for client certificates that nobody is asked for there; set DisableExecuteApiEndpoint',
        'DisableExecuteApiEndpoint',
      )
    else
      find(
        'warning',
        'has a custom domain, and its default execute-api endpoint is open as well; if clients are to call the domain alone, set DisableExecuteApiEndpoint',
        'DisableExecuteApiEndpoint',
      )
  }
}
