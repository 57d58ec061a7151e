using Caravan.Hub;

namespace Caravan.Cli;

/// <summary>Reads the environment variables and the token file that programs of Hugging Face read.</summary>
internal static class HubEnvironment
{
    private static readonly string[] Yes = ["1", "ON", "YES", "TRUE"];

    /// <summary>The hub and the cache that the environment names.</summary>
    /// <exception cref="CaravanException">HF_ENDPOINT is no address, or the token file cannot be read.</exception>
    public static HubOptions Read(Terminal terminal)
    {
        string? Value(string name) => terminal.Environment(name) is { Length: > 0 } value ? value.Trim() : null;
        bool Says(string name) => Value(name) is { } value && Yes.Contains(value.ToUpperInvariant());
        string home = HomeOf(Value);
        return new HubOptions
        {
            CacheFolder = Value("HF_HUB_CACHE") ?? Value("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub"),
            Endpoint = EndpointOf(Value("HF_ENDPOINT") ?? HubOptions.UsualEndpoint),
            Token = Says("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? null : Value("HF_TOKEN") ?? Value("HUGGING_FACE_HUB_TOKEN") ?? TokenFrom(Value("HF_TOKEN_PATH") ?? Path.Combine(home, "token")),
            Offline = Says("HF_HUB_OFFLINE"),
            Links = !Says("HF_HUB_DISABLE_SYMLINKS"),
        };
    }

    private static string HomeOf(Func<string, string?> value)
    {
        string user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string home = value("HF_HOME") ?? Path.Combine(value("XDG_CACHE_HOME") ?? Path.Combine(user, ".cache"), "huggingface");
        return home == "~" || home.StartsWith("~/", StringComparison.Ordinal) ? user + home[1..] : home;
    }

    private static Uri EndpointOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp) && address.UserInfo.Length == 0
            ? address
            : throw new CaravanException($"HF_ENDPOINT holds '{text}'; an address such as {HubOptions.UsualEndpoint} was expected.");

    private static string? TokenFrom(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CaravanException($"The token file '{path}' cannot be read: {problem.Message}", problem);
        }
    }
}
