using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>
/// Which experts the rows of a batch pass, and in what order the pairs of a row and an expert lie when they are grouped by expert: those of
/// expert 0 first, in each group in the order of the rows. S = N · experts per row is the number of pairs.
/// </summary>
/// <param name="Weights">[N, experts per row] F32: the weight of each expert's result, the most probable expert first.</param>
/// <param name="Rows">[S]: the row of each pair.</param>
/// <param name="Groups">[experts + 1]: where each expert's pairs start; the last is S.</param>
/// <param name="Places">[N, experts per row]: which pair belongs to the weight.</param>
internal readonly record struct Routing(Tensor Weights, NativeSpan<int> Rows, NativeSpan<int> Groups, NativeSpan<int> Places);
