using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Caravan.Server;

/// <summary>A file of keys: <c>{"keys":[{"name","sha256","requests_per_minute","concurrent_requests"}]}</c>. It holds hashes, not keys.</summary>
internal static class ApiKeyFile
{
    private const string KeyStart = "cvn-";

    /// <summary>Reads a file.</summary>
    /// <exception cref="CaravanException">It is missing or not as it should be.</exception>
    public static IReadOnlyList<ApiKey> Read(string path)
    {
        ApiKeyList? list;
        try
        {
            list = JsonSerializer.Deserialize(File.ReadAllBytes(path), ApiKeyJson.Default.ApiKeyList);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CaravanException($"The file of keys '{path}' cannot be read: {exception.Message}", exception);
        }

        IReadOnlyList<ApiKey> keys = list?.Keys ?? throw new CaravanException($"The file of keys '{path}' has no list \"keys\".");
        foreach (ApiKey key in keys)
        {
            if (string.IsNullOrWhiteSpace(key.Name) || key.Sha256 is not { Length: 64 } || !key.Sha256.All(char.IsAsciiHexDigit))
                throw new CaravanException($"The file of keys '{path}' has a key '{key.Name}' without a name or without 64 hexadecimal digits of SHA-256.");
            if (key.RequestsPerMinute < 1 || key.ConcurrentRequests < 1) throw new CaravanException($"The file of keys '{path}' has a key '{key.Name}' with a limit below 1.");
        }

        return keys;
    }

    /// <summary>Makes a key, adds its hash to a file, which is made where it is missing, and returns it: it can be had only here.</summary>
    /// <exception cref="CaravanException">The name is taken, or the file is not as it should be.</exception>
    public static string Add(string path, string name, int? requestsPerMinute = null, int? concurrentRequests = null)
    {
        IReadOnlyList<ApiKey> keys = File.Exists(path) ? Read(path) : [];
        if (string.IsNullOrWhiteSpace(name)) throw new CaravanException("A key needs a name.");
        if (keys.Any(key => key.Name == name)) throw new CaravanException($"The file of keys '{path}' has a key '{name}' already; take another name, or take that one out.");
        string secret = KeyStart + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        ApiKeyList list = new([.. keys, new ApiKey(name, HashOf(secret), requestsPerMinute, concurrentRequests)]);
        // Written beside and moved, so that a server never reads half a file.
        string beside = path + ".new";
        File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(list, ApiKeyJson.Default.ApiKeyList));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(beside, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(beside, path, overwrite: true);
        return secret;
    }

    /// <summary>SHA-256 of a key, in hexadecimal.</summary>
    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

/// <summary>The file's root.</summary>
internal sealed record ApiKeyList(IReadOnlyList<ApiKey> Keys);

/// <summary>How the file is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ApiKeyList))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
