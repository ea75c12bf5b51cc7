// Narrows the permission that osls writes for an authorizer of a WebSocket API in serverless.yml: without a SourceArn,
// every WebSocket API of every account may invoke the function. Adds nothing for a function without such an authorizer.
// Lambda developer guide, "Resource-based policy".

'use strict'

/** The functions that authorize `$connect`, by the names of serverless.yml. */
const authorizersIn = (functions) =>
  Object.values(functions ?? {}).flatMap(({ events }) =>
    (events ?? []).flatMap(({ websocket }) => websocket?.authorizer?.name ?? []),
  )

const permissionOf = (name) => [
  `${name[0].toUpperCase()}${name.slice(1)}LambdaPermissionWebsockets`,
  {
    Properties: {
      SourceArn: {
        'Fn::Sub': 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${WebsocketsApi}/*',
      },
    },
  },
]

module.exports = async ({ resolveVariable }) => {
  const names = new Set(authorizersIn(await resolveVariable('self:functions')))
  return names.size === 0 ? {} : { extensions: Object.fromEntries([...names].map(permissionOf)) }
}
