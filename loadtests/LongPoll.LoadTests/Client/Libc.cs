using System.Runtime.InteropServices;

namespace LongPoll.LoadTests.Client;

/// <summary>
/// The system calls of Linux that the client is made of. .NET's own sockets hand every answer from the thread that polls
/// to the pool: on a machine that client and server share, those switches are paid by the server.
/// </summary>
internal static partial class Libc
{
    public const int AddressFamily = 2; // AF_INET
    public const int InProgress = 115; // EINPROGRESS
    public const int TryAgain = 11; // EAGAIN
    public const int Interrupted = 4; // EINTR
    public const uint Readable = 0x001; // EPOLLIN
    public const uint Writable = 0x004; // EPOLLOUT
    public const int Add = 1; // EPOLL_CTL_ADD
    public const int Modify = 3; // EPOLL_CTL_MOD
    public const int NoSignal = 0x4000; // MSG_NOSIGNAL
    public const int Interrupt = 2; // SIGINT
    public const int Continue = 18; // SIGCONT
    public const int Stop = 19; // SIGSTOP
    public const int User2 = 12; // SIGUSR2

    private const int StreamNonBlocking = 1 | 0x800 | 0x80000; // SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC
    private const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC
    private const int IpLevel = 0;
    private const int BindAddressNoPort = 24; // IP_BIND_ADDRESS_NO_PORT
    private const int TcpLevel = 6;
    private const int NoDelay = 1; // TCP_NODELAY
    private const int SocketLevel = 1;
    private const int SocketError = 4; // SO_ERROR

    // The kernel packs the struct epoll_event on x86-64 and nowhere else.
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Bytes of one struct epoll_event.</summary>
    public static readonly int EventSize = Packed ? 12 : 16;

    private static readonly int DataOffset = Packed ? 4 : 8;

    /// <summary>A TCP socket that never blocks and sends at once.</summary>
    public static int OpenSocket()
    {
        int socket = Checked(Socket(AddressFamily, StreamNonBlocking, 0), "socket");
        int yes = 1;
        Checked(SetSocketOption(socket, TcpLevel, NoDelay, in yes, sizeof(int)), "TCP_NODELAY");
        return socket;
    }

    /// <summary>Sets the source address; the port is chosen at connect, so that one port can serve several destinations.</summary>
    public static void BindAddress(int socket, in SocketAddress address)
    {
        int yes = 1;
        Checked(SetSocketOption(socket, IpLevel, BindAddressNoPort, in yes, sizeof(int)), "IP_BIND_ADDRESS_NO_PORT");
        Checked(Bind(socket, in address, Marshal.SizeOf<SocketAddress>()), "bind");
    }

    /// <summary>The error that a connect ended with; 0 for none.</summary>
    public static int ErrorOf(int socket)
    {
        int size = sizeof(int);
        Checked(GetSocketOption(socket, SocketLevel, SocketError, out int error, ref size), "SO_ERROR");
        return error;
    }

    public static int OpenPoll() => Checked(CreatePoll(CloseOnExec), "epoll_create1");

    public static void Watch(int poll, int operation, int socket, uint events)
    {
        Span<byte> watched = stackalloc byte[16];
        watched.Clear();
        MemoryMarshal.Write(watched, in events);
        MemoryMarshal.Write(watched[DataOffset..], in socket);
        Checked(ControlPoll(poll, operation, socket, ref MemoryMarshal.GetReference(watched)), "epoll_ctl");
    }

    /// <summary>One of the events that <see cref="WaitForEvents"/> wrote.</summary>
    public static (int Socket, uint Events) EventAt(ReadOnlySpan<byte> events, int index)
    {
        ReadOnlySpan<byte> one = events.Slice(index * EventSize, EventSize);
        return (MemoryMarshal.Read<int>(one[DataOffset..]), MemoryMarshal.Read<uint>(one));
    }

    /// <summary>The kernel's words for an error number.</summary>
    public static string Explain(int error) => Marshal.GetPInvokeErrorMessage(error);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, in SocketAddress address, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, ref byte bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, ref byte bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int WaitForEvents(int poll, ref byte events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    public static partial int Sleep(in Timespec wanted, nint remaining);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Signal(int process, int signal);

    private static int Checked(int result, string call) => result >= 0
        ? result
        : throw new RunImpossibleException($"{call}: {Explain(Marshal.GetLastPInvokeError())}.");

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, in SocketAddress address, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(int socket, int level, int name, in int value, int length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetSocketOption(int socket, int level, int name, out int value, ref int length);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int CreatePoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int ControlPoll(int poll, int operation, int socket, ref byte watched);

    /// <summary>struct sockaddr_in; port and address in network order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SocketAddress
    {
        public ushort Family;
        public ushort Port;
        public uint Address;
        public ulong Zero;
    }

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
