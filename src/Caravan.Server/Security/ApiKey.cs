namespace Caravan.Server;

/// <summary>A key that lets requests in. The key itself is known only to whoever holds it.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Sha256">SHA-256 of the key, in hexadecimal. Keys are 256 random bits, so that there is nothing to guess and no salt is needed.</param>
/// <param name="RequestsPerMinute">Most requests in any minute; null for any number.</param>
/// <param name="ConcurrentRequests">Most requests at a time; null for any number.</param>
internal sealed record ApiKey(string Name, string Sha256, int? RequestsPerMinute = null, int? ConcurrentRequests = null);
