using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// The adapters of a module's layers as one. Where the layers are one matrix on disk and have the same A, that is kept once and the rows of B stand below
/// each other; where they were learnt apart, the directions of all are kept, and each layer's outputs have zeros for those of the others.
/// </summary>
internal sealed class PeftModule
{
    private readonly List<(string Name, AdapterRole Role, float[] Values, long[] Shape)> tensors = [];

    private PeftModule(AdapterModule module, long rank, float scaling) => (Module, Rank, Scaling, Open) = (module, rank, scaling, [.. Enumerable.Repeat(true, checked((int)rank))]);

    /// <summary>The module.</summary>
    public AdapterModule Module { get; }

    /// <summary>Directions learnt, closed ones included.</summary>
    public long Rank { get; }

    /// <summary>s.</summary>
    public float Scaling { get; }

    /// <summary>Which directions are written.</summary>
    public bool[] Open { get; private set; }

    /// <summary>Joins the adapters of a module's layers.</summary>
    /// <exception cref="CaravanException">They cannot be one.</exception>
    public static PeftModule Join(Adapter adapter, AdapterModule module, AdapterTable table)
    {
        LinearAdapter?[] layers = [.. module.Parts.Select(part => adapter.Linears.GetValueOrDefault(part.Layer))];
        LinearAdapter[] adapted = [.. layers.OfType<LinearAdapter>()];
        long outputs = module.OutputsOf(table);
        bool whole = adapted.Length == layers.Length && module.Parts.Sum(part => table.Projections[part.Layer].Weights.Weight.Shape[0]) == outputs;
        bool shares = adapted.All(layer => SharesDirections(layer, adapted[0]));
        PeftModule joined = new(module, shares ? RankOf(adapted[0]) : adapted.Sum(RankOf), adapted[0].Scaling);
        foreach ((string name, Tensor first, AdapterRole role) in adapted[0].Tensors)
        {
            long columns = role == AdapterRole.Up ? joined.Rank : role == AdapterRole.Down ? first.Shape[1] : 1;
            long rows = role is AdapterRole.Up or AdapterRole.Outputs ? outputs : role == AdapterRole.Inputs ? first.Shape.Elements : joined.Rank;
            if (name == DoraAdapter.MagnitudeName && !whole) throw Incomplete(adapter, module);
            float[] values = new float[rows * columns];
            long direction = 0;
            for (int i = 0; i < layers.Length; i++)
            {
                if (layers[i] is not { } layer) continue;
                Tensor tensor = layer.Tensors.First(tensor => tensor.Name == name).Tensor;
                if (role == AdapterRole.Inputs && !Equal(tensor, first)) throw new CaravanException($"The adapter '{adapter.Name}' has another '{name}' for each of the layers that '{module.Name}' holds, which a file cannot keep; adapt layers that have a matrix each.");
                Place(tensor, role, module.Parts[i], values, columns, direction, layer.Scaling / joined.Scaling);
                direction += shares ? 0 : RankOf(layer);
            }

            joined.tensors.Add((name, role, values, ShapeOf(first, rows, columns)));
        }

        return joined;
    }

    /// <summary>Leaves closed directions out: those whose gate is 0.</summary>
    public void DropClosed()
    {
        Open = [.. tensors.First(tensor => tensor.Role == AdapterRole.Directions).Values.Select(value => value != 0)];
        long open = Open.Count(kept => kept);
        for (int i = 0; i < tensors.Count; i++)
        {
            (string name, AdapterRole role, float[] values, long[] shape) = tensors[i];
            if (role is not (AdapterRole.Down or AdapterRole.Up or AdapterRole.Directions)) continue;
            long each = role == AdapterRole.Up ? 1 : values.Length / Rank;
            int axis = role == AdapterRole.Up ? 1 : 0;
            tensors[i] = (name, role, [.. values.Where((_, at) => Open[at / each % Rank])], [.. shape.Select((size, dimension) => dimension == axis ? open : size)]);
        }
    }

    /// <summary>Adds the tensors to what is to be written.</summary>
    public void AddTo(PeftDocument document)
    {
        foreach ((string name, _, float[] values, long[] shape) in tensors) document.Add($"{PeftReader.Prefix}{Module.Name}.{name}", values, shape);
    }

    private static void Place(Tensor tensor, AdapterRole role, AdapterPart part, float[] values, long columns, long direction, float factor)
    {
        long own = role == AdapterRole.Up ? tensor.Shape[1] : columns;
        for (long row = 0; row < tensor.Shape.Elements / own; row++)
        {
            long at = role is AdapterRole.Up or AdapterRole.Outputs ? part.ModuleRow(row) : role == AdapterRole.Inputs ? row : direction + row;
            Span<float> into = values.AsSpan(checked((int)((at * columns) + (role == AdapterRole.Up ? direction : 0))), (int)own);
            tensor.Floats.AsSpan(row * own, (int)own).CopyTo(into);
            if (role == AdapterRole.Up && factor != 1)
                foreach (ref float value in into) value *= factor;
        }
    }

    private static long[] ShapeOf(Tensor first, long rows, long columns) => first.Shape.Rank == 1 ? [rows] : first.Shape.Rank == 2 && first.Shape[0] == 1 && columns == 1 ? [1, rows] : [rows, columns];

    private static long RankOf(LinearAdapter layer) => layer.Tensors.First(tensor => tensor.Role == AdapterRole.Down).Tensor.Shape[0];

    private static bool SharesDirections(LinearAdapter layer, LinearAdapter first) => layer.Scaling == first.Scaling
        && layer.Tensors.Where(tensor => tensor.Role is AdapterRole.Down or AdapterRole.Directions).All(tensor => Equal(tensor.Tensor, first.Tensors.First(other => other.Name == tensor.Name).Tensor));

    private static bool Equal(Tensor a, Tensor b) => a.Shape == b.Shape && a.Floats.AsSpan().SequenceEqual(b.Floats.AsSpan());

    private static CaravanException Incomplete(Adapter adapter, AdapterModule module) => new(
        $"The adapter '{adapter.Name}' knows the lengths of only some rows of '{module.Name}'; adapt all the layers that it holds: {string.Join(", ", module.Parts.Select(part => part.Layer))}.");
}
