namespace Caravan.Testing;

/// <summary>A request that <see cref="WebServer"/> got.</summary>
/// <param name="Method">Such as <c>GET</c>.</param>
/// <param name="Path">Path and query, as they were sent.</param>
/// <param name="Headers">Header lines by name, ignoring case.</param>
public sealed record WebRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
