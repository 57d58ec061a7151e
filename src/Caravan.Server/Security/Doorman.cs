using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary>Lets in who has a key, within the key's limits; without keys, everybody.</summary>
internal sealed class Doorman(ServerOptions options, TimeProvider time)
{
    private static readonly string[] Guarded = ["/v1", "/api", "/metrics"];

    private readonly (byte[] Hash, KeyUsage Usage)[]? keys =
        options.ApiKeys is { } path ? [.. ApiKeyFile.Read(path).Select(key => (Convert.FromHexString(key.Sha256), new KeyUsage(key, time)))] : null;

    /// <summary>Runs a request, or refuses it.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        if (keys is null || !Guarded.Any(path => context.Request.Path.StartsWithSegments(path)))
        {
            context.Features.Set(new ClientIdentity(context.Connection.RemoteIpAddress?.ToString() ?? ""));
            await next(context).ConfigureAwait(false);
            return;
        }

        KeyUsage usage = Find(KeyOf(context.Request));
        context.Features.Set(new ClientIdentity(usage.Key.Name));
        usage.Enter();
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            usage.Leave();
        }
    }

    private static string KeyOf(HttpRequest request)
    {
        const string scheme = "Bearer ";
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            ? header[scheme.Length..].Trim()
            : throw Refusal("This server asks for a key: send the header 'Authorization: Bearer KEY'.");
    }

    /// <summary>Compares with every key in a time that depends on none of them.</summary>
    private KeyUsage Find(string key)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        KeyUsage? found = null;
        foreach ((byte[] known, KeyUsage usage) in keys!)
            if (CryptographicOperations.FixedTimeEquals(hash, known)) found = usage;
        return found ?? throw Refusal("The key is not one of those that this server knows.");
    }

    private static ApiException Refusal(string message) => new(StatusCodes.Status401Unauthorized, ApiException.InvalidRequest, message, null, "invalid_api_key");
}
