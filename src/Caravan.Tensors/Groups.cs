namespace Caravan.Tensors;

/// <summary>Rows that are made of groups of columns, such as heads.</summary>
internal static class Groups
{
    /// <summary>Columns per group after checking that groups fill rows of <paramref name="x"/> and that parameters have one group, or one for each.</summary>
    public static long Require(string name, Tensor x, long columns, params ReadOnlySpan<Tensor?> parameters)
    {
        long width = x.Shape.Columns;
        if (columns == 0) columns = width;
        ShapeGuard.Require(columns > 0 && width % columns == 0, $"{name}: groups of {columns} do not fill rows of {x}.");
        foreach (Tensor? parameter in parameters)
        {
            ShapeGuard.Require(
                parameter is null || parameter.Shape.Elements == columns || parameter.Shape.Elements == width,
                $"{name}: the parameter {parameter} does not fit rows of {x} in groups of {columns}.");
        }

        return columns;
    }
}
