using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>What is added to the scores of a layer.</summary>
/// <param name="Bias">The table as kernels read it; nothing by default.</param>
/// <param name="Table">The tensor that holds it where it is learnt; null for fixed biases.</param>
internal readonly record struct LayerBias(AttentionBias Bias, Tensor? Table);
