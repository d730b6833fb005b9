/*
 * A program for a 64-bit RISC-V that ends QEMU with the status that it is asked for: the guest of
 * gates/others/riscv.gate. Without firmware, QEMU's virt machine enters it in machine mode at
 * 0x80000000, every processor at once; the first one goes on. A 16550 is at 0x10000000, the device
 * sifive_test at 0x100000: 0x5555 ends QEMU with 0, 0x3333 with the status in the upper half.
 *
 *     0 to 9  that status
 */
start:  csrr    t0, mhartid
        bnez    t0, stop
        li      s0, 0x10000000
        li      s1, 0x100000
next:   jal     a1, put                 /* a1: what follows */
        .asciz  "ready> "
        .balign 4
put:    lbu     a0, 0(a1)
        beqz    a0, read
        sb      a0, 0(s0)
        addi    a1, a1, 1
        j       put

read:   lbu     t0, 5(s0)               /* line status, bit 0: data */
        andi    t0, t0, 1
        beqz    t0, read
        lbu     a0, 0(s0)
        addi    a0, a0, -'0'
        li      t0, 9
        bgtu    a0, t0, next
        li      t0, 0x5555
        beqz    a0, exit
        li      t0, 0x3333
        slli    a0, a0, 16
        or      t0, t0, a0
exit:   sw      t0, 0(s1)
stop:   wfi
        j       stop
