namespace Caravan.Models;

/// <summary>A rotary embedding and the heads that it turns.</summary>
/// <param name="Rotary">The embedding.</param>
/// <param name="HeadSize">Features per head, of which the embedding turns the first.</param>
internal sealed record HeadRotation(RotarySpec Rotary, int HeadSize);
