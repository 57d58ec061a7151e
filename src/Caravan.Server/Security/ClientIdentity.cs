namespace Caravan.Server;

/// <summary>Who sent a request: the name of a key, or an address where there are no keys.</summary>
internal sealed record ClientIdentity(string Name);
