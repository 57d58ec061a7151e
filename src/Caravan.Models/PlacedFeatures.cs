using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>Rows of features that take the place of the token embeddings of consecutive rows of a batch: what a model sees instead of an image's tokens.</summary>
/// <param name="Features">[M, D] F32.</param>
/// <param name="First">The first of them that is placed.</param>
/// <param name="Count">How many.</param>
/// <param name="Row">The batch's row that the first one replaces.</param>
internal readonly record struct PlacedFeatures(Tensor Features, int First, int Count, int Row);
