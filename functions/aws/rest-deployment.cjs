// Extends the Deployment of the REST API in serverless.yml, whose logical id osls generates anew for every package. The
// Deployment must come after the gateway responses, or it would not include them, and its stage writes the access log.
// osls sets that log only when it deploys (provider.logs.restApi), so the packaged CloudFormation would lack it.
// Adds nothing where no function has an event of a REST API, because no such Deployment exists then.
// CloudFormation reference, "AWS::ApiGateway::Deployment StageDescription".

'use strict'

const GATEWAY_RESPONSES = [
  'ResponseUnauthorized',
  'ResponseAccessDenied',
  'ResponseMissingAuthenticationToken',
  'ResponseAuthorizerFailure',
  'ResponseAuthorizerConfigurationError',
]

const hasRestApi = (functions) =>
  Object.values(functions ?? {}).some(({ events }) =>
    (events ?? []).some((event) => event.http !== undefined),
  )

const extensions = async (resolveVariable) => ({
  extensions: {
    [`ApiGatewayDeployment${await resolveVariable('sls:instanceId')}`]: {
      DependsOn: GATEWAY_RESPONSES,
      Properties: {
        StageDescription: {
          AccessLogSetting: {
            DestinationArn: {
              'Fn::Sub':
                'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${ApiGatewayLogGroup}',
            },
            Format: await resolveVariable('self:custom.restAccessLog'),
          },
        },
      },
    },
  },
})

module.exports = async ({ resolveVariable }) =>
  hasRestApi(await resolveVariable('self:functions')) ? await extensions(resolveVariable) : {}
