namespace Caravan.Tensors;

/// <summary>A moment in a <see cref="Workspace"/>.</summary>
/// <param name="Rented">Tensors rented.</param>
/// <param name="Chunk">The chunk in use.</param>
/// <param name="Used">Bytes of it in use.</param>
internal readonly record struct WorkspaceMark(int Rented, int Chunk, long Used);
