using HubService.Contracts;

namespace HubService.Access;

/// <summary>Turns a result of the contract into an HTTP answer: its JSON, or problem details for its error.</summary>
internal static class Answer
{
    public static IResult Of<TResult>(TResult result, int status = StatusCodes.Status200OK)
        where TResult : HubResult =>
        result.Error is { } error
            ? Problem(error)
            : Results.Json(result, ContractJson.Carrier, statusCode: status);

    public static IResult Problem(HubError error) => new ProblemResult(error);

    private sealed class ProblemResult(HubError error) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Access.Problem.WriteAsync(httpContext, error);
    }
}
