using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>A part of a step's batch that fits into memory at once. The losses of a step's parts add up to the loss of the step.</summary>
/// <param name="Tokens">Tokens that pass through the model.</param>
/// <param name="Origin">Where its samples come from, for messages: files and lines.</param>
/// <param name="Loss">Runs the model forward and gives its share of the loss, a scalar.</param>
internal sealed record MicroBatch(int Tokens, string Origin, Func<Pass, Tensor> Loss);
