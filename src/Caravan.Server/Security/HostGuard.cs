using System.Net;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary>
/// Refuses requests for other hosts than this one where only this machine is to reach the server: a page of the network could otherwise have its
/// name point here and read as if it were the server's own page (DNS rebinding).
/// </summary>
internal sealed class HostGuard(ServerOptions options)
{
    private readonly bool isLocal = options.Host == "localhost" || (IPAddress.TryParse(options.Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Runs a request, or refuses it.</summary>
    public Task RunAsync(HttpContext context, RequestDelegate next)
    {
        string host = context.Request.Host.Host.Trim('[', ']');
        return !isLocal || IsThisMachine(host) || options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase)
            ? next(context)
            : throw new ApiException(
                StatusCodes.Status403Forbidden, ApiException.InvalidRequest, $"This server answers for this machine alone, not for '{host}'; where a proxy stands before it, start it with --allowed-host {host}.", null, "host_not_allowed");
    }

    private static bool IsThisMachine(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
