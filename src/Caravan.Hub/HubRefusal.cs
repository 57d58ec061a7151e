using System.Net;

namespace Caravan.Hub;

/// <summary>Turns an answer that is no success into a sentence that says what to do next.</summary>
internal static class HubRefusal
{
    private const string ErrorCode = "X-Error-Code";

    /// <summary>The code that a hub puts beside the status, such as <c>GatedRepo</c>; or null.</summary>
    public static string? CodeOf(HttpResponseMessage answer) => answer.Headers.TryGetValues(ErrorCode, out IEnumerable<string>? values) ? values.First() : null;

    /// <summary>What to say. <paramref name="names"/> finds the names that there are of what was not found.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="name">The repository.</param>
    /// <param name="what">What was asked for there: a revision, or a file.</param>
    /// <param name="options">Where it was asked.</param>
    /// <param name="names">Finds names of repositories (given <c>RepoNotFound</c>) or revisions (given <c>RevisionNotFound</c>).</param>
    public static async Task<CaravanException> OfAsync(
        HttpResponseMessage answer, RepositoryName name, string what, HubOptions options, Func<string, Task<IReadOnlyList<string>>> names)
    {
        bool known = options.Token is not null;
        string token = "put a token of yours (from " + new Uri(options.Endpoint, "settings/tokens") + ") into HF_TOKEN";
        switch (CodeOf(answer), answer.StatusCode)
        {
            case ("GatedRepo", _):
                return new CaravanException(
                    $"'{name}' is gated: open {new Uri(options.Endpoint, name.Text)} in a browser and accept its terms, then "
                    + (known ? "try again; the token that was sent belongs to an account without access yet." : $"{token} and try again."));
            case ("DisabledRepo", _):
                return new CaravanException($"'{name}' was disabled by the hub and cannot be downloaded.");
            case ("RevisionNotFound", _):
                return new CaravanException($"'{name}' has no revision '{what}'.{Suggestion.DidYouMean(what, await names("RevisionNotFound"))}");
            case ("EntryNotFound", _):
                return new CaravanException($"'{name}' lists the file '{what}' and does not have it; try again later, or leave it out with --exclude '{what}'.");
            case (null, HttpStatusCode.Unauthorized) when known:
                return new CaravanException($"{options.Endpoint} does not accept the token that was sent; {token}, or take it away for public models.");
            case ("RepoNotFound", _) or (null, HttpStatusCode.Unauthorized or HttpStatusCode.NotFound):
                return new CaravanException(
                    $"There is no model '{name}' at {options.Endpoint}, or it is private{(known ? " and the token has no access" : $" (then {token})")}."
                    + Suggestion.DidYouMean(name.Text, await names("RepoNotFound")));
            case (_, HttpStatusCode.Forbidden):
                return new CaravanException($"{options.Endpoint} forbids reading '{name}'{(known ? " with the token that was sent" : $"; {token} if you have access")}.");
            case (_, HttpStatusCode.TooManyRequests):
                return new CaravanException($"{options.Endpoint} takes no more requests for now; wait some minutes{(known ? "" : $", or {token}")}, and run it again to go on.");
            default:
                return new CaravanException($"{options.Endpoint} answered {(int)answer.StatusCode} when asked for '{name}' ({what}); run it again later to go on.");
        }
    }
}
