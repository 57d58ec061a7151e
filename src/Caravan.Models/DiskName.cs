namespace Caravan.Models;

/// <summary>Where a weight lies in a checkpoint.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Slice">Which matrix of a stack of them; null for the whole tensor.</param>
internal readonly record struct DiskName(string Name, int? Slice = null);
