//! Who gets what, route by route.

/// The status that everybody gets for every documented route, paths as documented (below `/api/v1`
/// or, with `//`, at the root), with a request that has nothing wrong with it.
///
/// - nobody: without a token
/// - revoked: with a token whose session has ended
/// - stranger: a user who has to do with nothing of it
/// - demoted: a user whose token says ADMIN, and who is none any more
/// - member: who is in the chat or group without being more there; who wrote the post under which
///   somebody else commented; and for writing a post, a STUDENT
/// - owner: whose profile, post, comment, message, session or group it is
/// - admin: who runs the service, and has to do with nothing of it
pub const TABLE: &str = "
ROUTE                                                  nobody revoked stranger demoted member owner admin
GET    //healthz                                       200    200     200      200     200    200   200
GET    //readyz                                        200    200     200      200     200    200   200
GET    //metrics                                       200    200     200      200     200    200   200
GET    /openapi.json                                   200    200     200      200     200    200   200
GET    /asyncapi.json                                  200    200     200      200     200    200   200
GET    /ws                                             426    401     426      426     426    426   426

POST   /auth/register                                  201    201     201      201     201    201   201
POST   /auth/login                                     200    200     200      200     200    200   200
POST   /auth/refresh                                   200    200     200      200     200    200   200
POST   /auth/claim                                     200    200     200      200     200    200   200
POST   /auth/logout                                    401    401     204      204     204    204   204
GET    /me                                             401    401     200      200     200    200   200
DELETE /me                                             401    401     204      204     204    204   204
PUT    /me/password                                    401    401     204      204     204    204   204
GET    /me/sessions                                    401    401     200      200     200    200   200
DELETE /me/sessions                                    401    401     204      204     204    204   204
DELETE /me/sessions/{id}                               401    401     404      404     404    204   404
GET    /me/export                                      401    401     200      200     200    200   200
GET    /me/unread                                      401    401     200      200     200    200   200

GET    /users                                          401    401     200      200     200    200   200
GET    /users/{id}                                     401    401     200      200     200    200   200
GET    /users/by-username/{username}                   401    401     200      200     200    200   200
GET    /users/{id}/{collection}                        401    401     200      200     200    200   200
GET    /users/{id}/job-posts                           401    401     200      200     200    200   200
PATCH  /users/{id}                                     401    401     403      403     403    200   200
PUT    /users/{id}/{collection}                        401    401     403      403     403    200   200
PUT    /users/{id}/role                                401    401     403      403     403    403   200
PUT    /users/{id}/suspension                          401    401     403      403     403    403   204
DELETE /users/{id}/suspension                          401    401     403      403     403    403   204
DELETE /users/{id}                                     401    401     403      403     403    403   204
GET    /admin/audit-log                                401    401     403      403     403    403   200

GET    /users/{id}/resume                              401    401     200      200     200    200   200
GET    /users/{id}/resume/file                         401    401     200      200     200    200   200
GET    /users/{id}/resume/generated.pdf                401    401     200      200     200    200   200
GET    /users/{id}/resume/generated.json               401    401     200      200     200    200   200
PUT    /users/{id}/resume                              401    401     403      403     403    201   403
DELETE /users/{id}/resume                              401    401     403      403     403    204   403

GET    /job-posts                                      401    401     200      200     200    200   200
POST   /job-posts                                      401    401     201      201     403    201   201
GET    /job-posts/{postId}                             401    401     200      200     200    200   200
PATCH  /job-posts/{postId}                             401    401     403      403     403    200   403
DELETE /job-posts/{postId}                             401    401     403      403     403    204   204
GET    /images/{name}                                  200    200     200      200     200    200   200
POST   /job-posts/{postId}/images                      401    401     403      403     403    201   403
DELETE /job-posts/{postId}/images/{position}           401    401     403      403     403    204   403
PUT    /job-posts/{postId}/like                        401    401     204      204     204    204   204
DELETE /job-posts/{postId}/like                        401    401     204      204     204    204   204
GET    /job-posts/{postId}/likes                       401    401     200      200     200    200   200
GET    /job-posts/{postId}/comments                    401    401     200      200     200    200   200
POST   /job-posts/{postId}/comments                    401    401     201      201     201    201   201
PATCH  /job-posts/{postId}/comments/{id}               401    401     403      403     403    200   403
DELETE /job-posts/{postId}/comments/{id}               401    401     403      403     204    204   204

GET    /chats                                          401    401     200      200     200    200   200
POST   /chats                                          401    401     201      201     201    201   201
GET    /chats/{chatId}                                 401    401     404      404     200    200   404
GET    /chats/{chatId}/messages                        401    401     404      404     200    200   404
POST   /chats/{chatId}/messages                        401    401     404      404     201    201   404
DELETE /chats/{chatId}/messages/{id}                   401    401     404      404     403    204   404
PUT    /chats/{chatId}/read                            401    401     404      404     200    200   404

GET    /group-chats                                    401    401     200      200     200    200   200
POST   /group-chats                                    401    401     201      201     201    201   201
GET    /group-chats/{groupId}                          401    401     404      404     200    200   404
PATCH  /group-chats/{groupId}                          401    401     404      404     403    200   404
DELETE /group-chats/{groupId}                          401    401     404      404     403    204   404
PUT    /group-chats/{groupId}/owner                    401    401     404      404     403    200   404
GET    /group-chats/{groupId}/participants             401    401     404      404     200    200   404
PUT    /group-chats/{groupId}/participants/{userId}    401    401     404      404     403    200   404
DELETE /group-chats/{groupId}/participants/{userId}    401    401     404      404     403    204   404
GET    /group-chats/{groupId}/messages                 401    401     404      404     200    200   404
POST   /group-chats/{groupId}/messages                 401    401     404      404     201    201   404
DELETE /group-chats/{groupId}/messages/{id}            401    401     404      404     403    204   404
PUT    /group-chats/{groupId}/read                     401    401     404      404     200    200   404
";
