using System.Text.Json.Nodes;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>Adapters of linear layers: some tensors behind the name of each.</summary>
internal sealed class LinearPeftForm : PeftForm
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Types => [.. PeftKind.All.Select(kind => kind.Type)];

    /// <inheritdoc/>
    public override bool Holds(Adapter adapter) => adapter.Linears.Count > 0;

    /// <inheritdoc/>
    public override void Read(PeftReader file, Adapter adapter)
    {
        PeftKind kind = PeftKind.All.First(kind => kind.Type == file.Config.Type);
        adapter.RankStabilized = file.Config.Flag("use_rslora");
        foreach (AdapterModule module in AdapterModules.Of(file.Model))
        {
            // Base models that were saved alone lack the beginning of their names.
            if (module.Names.Select(name => PeftReader.Prefix + name).FirstOrDefault(name => kind.Tensors.Any(tensor => Find(file, name, tensor) is not null)) is { } name)
                Read(file, adapter, kind, module, name);
        }
    }

    /// <inheritdoc/>
    public override void Write(Adapter adapter, Model model, PeftDocument document)
    {
        PeftKind[] kinds = [.. adapter.Linears.Values.Select(PeftKind.Of).Distinct()];
        if (kinds.Length > 1) throw new CaravanException($"The adapter '{adapter.Name}' mixes {kinds[0].Type} and {kinds[1].Type}, which a file cannot hold; write them apart.");
        IReadOnlyList<AdapterModule> modules = AdapterModules.Of(model);
        AdapterModule[] adapted = [.. modules.Where(module => module.Parts.Any(part => adapter.Linears.ContainsKey(part.Layer)))];
        RequireNames(adapter, model, adapted);
        PeftModule[] joined = [.. adapted.Select(module => PeftModule.Join(adapter, module, model.Adapters))];
        foreach (PeftModule module in joined)
        {
            if (kinds[0].Budgeted) module.DropClosed();
            module.AddTo(document);
        }

        PeftKeys.Describe(document.Config, adapter, kinds[0], joined);
        document.Config["fan_in_fan_out"] = adapted.Any(module => module.Transposed);
        document.Config["target_modules"] = new JsonArray([.. AdapterTargets.Shortest(modules, adapted.ToHashSet()).Select(target => JsonValue.Create(target))]);
    }

    private static void Read(PeftReader file, Adapter adapter, PeftKind kind, AdapterModule module, string name)
    {
        Dictionary<PeftTensor, Tensor> tensors = [];
        try
        {
            foreach (PeftTensor tensor in kind.Tensors)
                if (Find(file, name, tensor) is { } found || !tensor.Optional) tensors.Add(tensor, file.Take(Find(file, name, tensor) ?? $"{name}.{tensor.Name}"));
            foreach (AdapterPart part in module.Parts) Read(file, adapter, kind, module, part, tensors);
        }
        finally
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
        }
    }

    /// <summary>A layer of a module: its own outputs, and everything else.</summary>
    private static void Read(PeftReader file, Adapter adapter, PeftKind kind, AdapterModule module, AdapterPart part, Dictionary<PeftTensor, Tensor> tensors)
    {
        LinearWeights weights = file.Model.Adapters.Projections[part.Layer].Weights;
        Dictionary<string, Tensor> own = new(StringComparer.Ordinal);
        foreach ((PeftTensor tensor, Tensor values) in tensors)
        {
            bool byOutputs = tensor.Role is AdapterRole.Up or AdapterRole.Outputs;
            if (byOutputs && (values.Shape.Rank == 0 || values.Shape[0] != module.OutputsOf(file.Model.Adapters)))
                throw new CaravanException($"The adapter '{adapter.Name}' has {values.Name} {values.Shape} for '{part.Layer}', whose weight is {weights.Weight.Shape}; it was made for another model.");
            own.Add(tensor.Name, byOutputs ? Rows(values, part, weights.Weight.Shape[0]) : Copy(values));
        }

        // Where a budget has closed every direction, nothing is left.
        if (own.Values.Any(tensor => tensor.Shape.Elements == 0))
        {
            foreach (Tensor tensor in own.Values) tensor.Dispose();
            return;
        }

        LinearAdapter linear = kind.Make(new PeftLayer(file.Config, module.Name, own, weights.Weight.Shape.Columns));
        adapter.Add(part.Layer, linear);
        linear.RequireFits(weights, part.Layer, adapter.Name);
    }

    private static string? Find(PeftReader file, string module, PeftTensor tensor) =>
        file.Has($"{module}.{tensor.Name}") ? $"{module}.{tensor.Name}"
        : tensor.OtherName is { } other && file.Has($"{module}.{other}") ? $"{module}.{other}"
        : null;

    private static Tensor Rows(Tensor values, AdapterPart part, long count)
    {
        long columns = values.Shape.Elements / Math.Max(1, values.Shape[0]);
        Tensor rows = Tensor.Allocate(values.Shape.Rank == 1 ? new Shape(count) : new Shape(count, columns));
        for (long row = 0; row < count; row++) values.Floats.Slice(part.ModuleRow(row) * columns, columns).CopyTo(rows.Floats.Slice(row * columns, columns));
        return rows;
    }

    private static Tensor Copy(Tensor values)
    {
        Tensor copy = Tensor.Allocate(values.Shape);
        values.Bytes.CopyTo(copy.Bytes);
        return copy;
    }

    private static void RequireNames(Adapter adapter, Model model, AdapterModule[] adapted)
    {
        HashSet<string> named = [.. adapted.SelectMany(module => module.Parts.Select(part => part.Layer))];
        if (adapter.Linears.Keys.FirstOrDefault(layer => !named.Contains(layer)) is { } nameless)
            throw new CaravanException($"The adapter '{adapter.Name}' adapts '{nameless}', for which Hugging Face's files of the family {model.Family.Name} have no name; adapt other layers.");
    }
}
