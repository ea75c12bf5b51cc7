// The API behind API Gateway. Replace it with yours. It returns the identity that it gets, so that a person can see it.

export const handler = async ({ requestContext: { authorizer } }) => ({
  statusCode: 200,
  body: JSON.stringify({ caller: authorizer?.lambda ?? authorizer ?? null }),
})
