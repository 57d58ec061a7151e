using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>Rounds whose answers are learnt as they stand: supervised fine-tuning on what was gathered.</summary>
/// <param name="context">What every method is given.</param>
/// <param name="options">How many steps a round has.</param>
internal abstract class LikelihoodRounds(MethodContext context, RoundOptions options) : RoundMethod<AnswerItem>(context, options)
{
    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, int step, IReadOnlyList<AnswerItem> part, IReadOnlyList<AnswerItem> batch)
    {
        Models.Batch rows = Context.Policy.Batch(part.Select(item => item.Sequence));
        return Context.Policy.Model.Decoder.Loss(pass, rows, rows.Labels, batch.Sum(item => (long)item.Sequence.Counted));
    }
}
