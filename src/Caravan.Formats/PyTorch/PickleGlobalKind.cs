namespace Caravan.Formats;

/// <summary>What calling an allowed Python name gives.</summary>
internal enum PickleGlobalKind
{
    /// <summary>A dict, empty or from pairs.</summary>
    Dictionary,

    /// <summary>A list, empty or from elements.</summary>
    List,

    /// <summary>A tuple, empty or from elements.</summary>
    Tuple,

    /// <summary>A value that nobody reads.</summary>
    Opaque,

    /// <summary><c>_rebuild_tensor(storage, offset, size, stride)</c> and version 2, which only appends flags.</summary>
    Tensor,

    /// <summary><c>_rebuild_tensor_v3</c>: the element type is the seventh argument and the storage is untyped.</summary>
    TypedTensor,

    /// <summary><c>_rebuild_parameter(tensor, ...)</c>: the tensor.</summary>
    Parameter,

    /// <summary><c>_rebuild_from_type_v2(function, type, arguments, state)</c>: the function's tensor.</summary>
    TensorWithState,

    /// <summary>A storage class: a label inside persistent ids, never called.</summary>
    Storage,

    /// <summary>An element type: a label, never called.</summary>
    ElementType,

    /// <summary>A class named as an argument, never called.</summary>
    Label,
}
