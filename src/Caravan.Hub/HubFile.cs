namespace Caravan.Hub;

/// <summary>A file of a commit.</summary>
/// <param name="Name">Its path in the repository, with <c>/</c> between the parts; safe to put into a folder.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Hash">What its content must have; see <see cref="ContentHash"/>.</param>
internal sealed record HubFile(string Name, long Size, string Hash);
