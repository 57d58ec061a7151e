using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// A method that learns in rounds: with the policy as it is it gathers something to learn from, then takes some steps, each with a part of it in an
/// order of the seed. What was gathered is part of the state, so that a run goes on exactly from within a round.
/// </summary>
/// <typeparam name="TItem">What is gathered.</typeparam>
/// <param name="context">What every method is given.</param>
/// <param name="options">How many steps a round has.</param>
/// <param name="side">Texts that are learnt beside; null for none.</param>
internal abstract class RoundMethod<TItem>(MethodContext context, RoundOptions options, SideTexts? side = null) : Method
    where TItem : RoundItem
{
    private const ulong OrderPlace = 1, AnswerPlace = 2;

    private TItem[] items = [];

    /// <summary>What every method is given.</summary>
    protected MethodContext Context => context;

    /// <summary>A pass for what is only read.</summary>
    protected Pass Reading { get; } = new(context.Device);

    /// <inheritdoc/>
    public override int StepsPerBatch => options.Epochs * options.Minibatches;

    /// <inheritdoc/>
    public override IReadOnlyList<MicroBatch> Draw(int step)
    {
        (int round, int place) = Math.DivRem(step, StepsPerBatch);
        if (place == 0) items = [.. Gather(round, context.Data.Draw())];
        TItem[] batch = Minibatch(round, place);
        return
        [
            .. Portions.Of(batch, item => item.Tokens, context.MicroBatchTokens).Select(part => new MicroBatch(
                part.Sum(item => item.Tokens), string.Join(", ", part.Select(item => item.Origin).Distinct()), pass => Loss(pass, step, part, batch))),
            .. side?.Draw(Observations) ?? [],
        ];
    }

    /// <inheritdoc/>
    public override JsonObject Save() => new() { ["data"] = context.Data.Save(), ["side"] = side?.Save(), ["round"] = JsonSerializer.SerializeToNode(items) };

    /// <inheritdoc/>
    public override void Restore(JsonObject state)
    {
        context.Data.Restore(state["data"]!.AsObject());
        side?.Restore(state["side"]!.AsObject());
        items = state["round"].Deserialize<TItem[]>()!;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        side?.Dispose();
        Reading.Dispose();
        base.Dispose();
    }

    /// <summary>Gathers what a round learns from.</summary>
    /// <param name="round">Number of the round, from 0.</param>
    /// <param name="parts">The samples of a batch.</param>
    protected abstract IEnumerable<TItem> Gather(int round, IReadOnlyList<PackedBatch> parts);

    /// <summary>The share that some items have in the loss of their step.</summary>
    /// <param name="pass">The pass to compute in.</param>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="part">Some of the step's items.</param>
    /// <param name="batch">All of them: their loss is a mean.</param>
    protected abstract Tensor Loss(Pass pass, int step, IReadOnlyList<TItem> part, IReadOnlyList<TItem> batch);

    /// <summary>Where chance begins for the answers of a round; of −1 for data that is held out.</summary>
    protected ulong SeedOf(int round) => Seeds.Of(context.Seed, AnswerPlace, (ulong)(round + 1)).Next();

    private TItem[] Minibatch(int round, int place)
    {
        (int epoch, int number) = Math.DivRem(place, options.Minibatches);
        if (items.Length < options.Minibatches && items.Length > 0)
            throw new CaravanException($"A round has {items.Length} answers to learn from, too few for {options.Minibatches} minibatches; make batches larger, or minibatches fewer.");
        if (options.Minibatches == 1) return items;
        int[] order = Seeds.Permutation(items.Length, Seeds.Of(context.Seed, OrderPlace, (ulong)round, (ulong)epoch));
        return [.. order[(items.Length * number / options.Minibatches)..(items.Length * (number + 1) / options.Minibatches)].Select(index => items[index])];
    }
}
